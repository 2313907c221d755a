// The regular expressions of C++'s standard library over standard input, as a log is searched: each line is matched
// against some expressions, and what the groups hold is counted.
#include <cstdio>
#include <iostream>
#include <map>
#include <regex>
#include <string>

int main() {
    const std::regex entry(R"(^(\d+)-(\d+)-(\d+) +([A-Z]+) +([a-z]+)\.([a-z]+): (.*)$)");
    const std::regex number(R"(\b[0-9]+(\.[0-9]+)?\b)");
    const std::regex quoted(R"("([^"\\]|\\.)*")");
    std::map<std::string, int> counts;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::smatch parts;
        if (!std::regex_match(line, parts, entry)) {
            counts["other"]++;
            continue;
        }
        counts[parts[4].str() + " " + parts[5].str()]++;
        const std::string text = parts[7].str();
        for (std::sregex_iterator i(text.begin(), text.end(), number), end; i != end; ++i) {
            counts[(*i)[1].matched ? "fractions" : "integers"]++;
        }
        counts["quoted"] += std::regex_search(text, quoted);
    }
    for (const auto &[name, count] : counts) {
        std::printf("%s: %d\n", name.c_str(), count);
    }
    return 0;
}

// How often each word of standard input occurs: strings, hash and tree maps, sorting, virtual calls.
//
//     words [top N | lengths | longest N]
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using Counts = std::unordered_map<std::string, long>;

class Report {
public:
    virtual ~Report() = default;
    virtual void print(const Counts &counts) const = 0;
};

class TopWords : public Report {
public:
    explicit TopWords(size_t limit) : limit_(limit) {}

    void print(const Counts &counts) const override {
        std::vector<std::pair<std::string, long>> words(counts.begin(), counts.end());
        std::sort(words.begin(), words.end(), [](const auto &left, const auto &right) {
            return left.second != right.second ? left.second > right.second : left.first < right.first;
        });
        words.resize(std::min(limit_, words.size()));
        for (const auto &[word, count] : words) {
            std::printf("%6ld %s\n", count, word.c_str());
        }
    }

private:
    size_t limit_;
};

class Lengths : public Report {
public:
    void print(const Counts &counts) const override {
        std::map<size_t, long> lengths;
        double letters = 0, total = 0;
        for (const auto &[word, count] : counts) {
            lengths[word.size()] += count;
            letters += static_cast<double>(word.size()) * static_cast<double>(count);
            total += static_cast<double>(count);
        }
        for (const auto &[length, count] : lengths) {
            std::printf("%3zu: %ld\n", length, count);
        }
        std::printf("mean %.4f\n", total > 0 ? letters / total : 0.0);
    }
};

class LongestWords : public Report {
public:
    explicit LongestWords(size_t limit) : limit_(limit) {}

    void print(const Counts &counts) const override {
        std::multimap<std::pair<size_t, std::string>, long> by_length;
        for (const auto &[word, count] : counts) {
            by_length.insert({{word.size(), word}, count});
        }
        size_t left = limit_;
        for (auto entry = by_length.rbegin(); entry != by_length.rend() && left > 0; ++entry, --left) {
            std::printf("%zu %s %ld\n", entry->first.first, entry->first.second.c_str(), entry->second);
        }
    }

private:
    size_t limit_;
};

Counts count_words(std::FILE *input) {
    Counts counts;
    std::string word;
    for (int c = std::getc(input);; c = std::getc(input)) {
        if (c != EOF && (std::isalpha(c) || c >= 0x80)) {
            word.push_back(static_cast<char>(std::tolower(c)));
        } else if (!word.empty()) {
            counts[word]++;
            word.clear();
        }
        if (c == EOF) {
            return counts;
        }
    }
}

std::unique_ptr<Report> choose_report(int argc, char **argv) {
    const std::string name = argc > 1 ? argv[1] : "top";
    const size_t limit = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10;
    if (name == "top") {
        return std::make_unique<TopWords>(limit);
    }
    if (name == "longest") {
        return std::make_unique<LongestWords>(limit);
    }
    if (name == "lengths") {
        return std::make_unique<Lengths>();
    }
    return nullptr;
}

} // namespace

int main(int argc, char **argv) {
    const auto report = choose_report(argc, argv);
    if (!report) {
        std::fputs("usage: words [top N | lengths | longest N]\n", stderr);
        return 2;
    }
    report->print(count_words(stdin));
    return 0;
}

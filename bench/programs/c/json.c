/* Branches over bytes, and indirect calls: n records are written as JSON, then read into a tree of nodes and
 * summed up. At most 20,000 records.
 */
#include "../benchmark.h"

enum { LIMIT = 20000, TEXT_SIZE = LIMIT * 128, NODES = LIMIT * 16, DEPTH = 64 };

static char text[TEXT_SIZE];
static char *end;

static void put_text(const char *added) {
    while (*added != '\0') {
        *end++ = *added++;
    }
}

static void put_number(uint32_t number) {
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0) {
        *end++ = digits[--count];
    }
}

static void write_records(int32_t n) {
    uint32_t state = 2463534242u;
    end = text;
    put_text("[");
    for (int32_t i = 0; i < n; i++) {
        put_text(i == 0 ? "{\"id\": " : ",\n{\"id\": ");
        put_number((uint32_t)i);
        put_text(", \"name\": \"r\\u0065cord \\\"");
        put_number(next_random(&state) % 1000);
        put_text("\\\"\", \"ratio\": -");
        put_number(next_random(&state) % 100);
        put_text(".25e1, \"tags\": [true, false, null, ");
        put_number(next_random(&state) % 10);
        put_text("]}");
    }
    put_text("]");
    *end = '\0';
}

enum kind { NOTHING, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT, KINDS };

struct node {
    enum kind kind;
    double number;         /* NUMBER, or BOOLEAN as 0 or 1 */
    uint32_t hash;         /* STRING, and the key of an object's member */
    struct node *first;    /* ARRAY and OBJECT: the first child */
    struct node *next;     /* the next child of the same parent */
};

static struct node nodes[NODES];
static int32_t used;
static const char *at;
static int failed;

static void skip_space(void) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
        at++;
    }
}

static int accept(char c) {
    skip_space();
    at += *at == c;
    return at[-1] == c;
}

static struct node *new_node(enum kind kind) {
    if (used == NODES) {
        failed = 1;
        return &nodes[0];
    }
    nodes[used] = (struct node){.kind = kind};
    return &nodes[used++];
}

static uint32_t read_hex(void) {
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, at++) {
        code = code * 16 + (uint32_t)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    }
    return code;
}

/* After the opening quote. The text itself is not kept, only its hash. */
static uint32_t read_string(void) {
    uint32_t hash = 2166136261u;
    for (; *at != '"'; hash *= 16777619u) {
        if (*at == '\0') {
            failed = 1;
            return hash;
        } else if (*at != '\\') {
            hash ^= (uint8_t)*at++;
        } else if (at[1] == 'u') {
            at += 2;
            hash ^= read_hex();
        } else {
            hash ^= (uint8_t)at[1];
            at += 2;
        }
    }
    at++;
    return hash;
}

static double read_number(void) {
    double value = 0, scale = 1;
    int negative = *at == '-';
    at += negative;
    for (; *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (*at - '0');
    }
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9'; at++) {
            scale /= 10;
            value += scale * (*at - '0');
        }
    }
    if (*at == 'e' || *at == 'E') {
        int exponent = 0, down = at[1] == '-';
        for (at += 1 + (at[1] == '-' || at[1] == '+'); *at >= '0' && *at <= '9'; at++) {
            exponent = exponent * 10 + (*at - '0');
        }
        for (; exponent > 0; exponent--) {
            value = down ? value / 10 : value * 10;
        }
    }
    return negative ? -value : value;
}

static struct node *read_word(const char *word, enum kind kind, double number) {
    for (; *word != '\0'; word++, at++) {
        failed |= *at != *word;
    }
    struct node *node = new_node(kind);
    node->number = number;
    return node;
}

static struct node *read_value(int depth);

/* The members of an array or object, after its opening bracket, up to `close`. */
static struct node *read_children(enum kind kind, char close, int depth) {
    struct node *parent = new_node(kind), **link = &parent->first;
    if (accept(close)) {
        return parent;
    }
    do {
        uint32_t key = 0;
        if (kind == OBJECT) {
            failed |= !accept('"');
            key = failed ? 0 : read_string();
            failed |= !accept(':');
        }
        struct node *child = read_value(depth + 1);
        child->hash ^= key;
        *link = child;
        link = &child->next;
    } while (!failed && accept(','));
    failed |= !accept(close);
    return parent;
}

static struct node *read_value(int depth) {
    skip_space();
    if (depth > DEPTH) {
        failed = 1;
    }
    if (failed) {
        return &nodes[0];
    }
    struct node *node;
    switch (*at) {
    case '{': at++; return read_children(OBJECT, '}', depth);
    case '[': at++; return read_children(ARRAY, ']', depth);
    case 't': return read_word("true", BOOLEAN, 1);
    case 'f': return read_word("false", BOOLEAN, 0);
    case 'n': return read_word("null", NOTHING, 0);
    case '"':
        at++;
        node = new_node(STRING);
        node->hash = read_string();
        return node;
    default:
        node = new_node(NUMBER);
        node->number = read_number();
        return node;
    }
}

static uint32_t sum_node(const struct node *node);

static uint32_t sum_nothing(const struct node *node) { return node->hash; }
static uint32_t sum_number(const struct node *node) { return node->hash + (uint32_t)(int32_t)(node->number * 4); }
static uint32_t sum_children(const struct node *node) {
    uint32_t sum = node->hash;
    for (const struct node *child = node->first; child != 0; child = child->next) {
        sum = (sum << 5 | sum >> 27) ^ sum_node(child);
    }
    return sum;
}

static uint32_t (*const volatile SUMS[KINDS])(const struct node *) = {
    sum_nothing, sum_number, sum_number, sum_nothing, sum_children, sum_children,
};

static uint32_t sum_node(const struct node *node) { return SUMS[node->kind](node); }

EXPORT int32_t run(int32_t n) {
    write_records(n < 0 ? 0 : n > LIMIT ? LIMIT : n);
    used = 0;
    failed = 0;
    at = text;
    const struct node *root = read_value(0);
    return failed ? -1 : (int32_t)sum_node(root);
}

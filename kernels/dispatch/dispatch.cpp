#include "dispatch.hpp"

#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nonlin {

#if defined(__x86_64__)

namespace v2 {
extern const Table table;
}
namespace v3 {
extern const Table table;
}
namespace v4 {
extern const Table table;
}

namespace {

// Not every Clang can be asked for a level, or for the last three features, by name.
bool has_v3() {
    constexpr unsigned f16c = 1 << 29, movbe = 1 << 22, lzcnt = 1 << 5;
    unsigned a, b, c = 0, d, extended = 0;
    __get_cpuid(1, &a, &b, &c, &d);
    __get_cpuid(0x80000001, &a, &b, &extended, &d);
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && (c & f16c) != 0 &&
           (c & movbe) != 0 && (extended & lzcnt) != 0;
}

bool has_v4() {
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

}  // namespace

const Table* choose(const char* ceiling) {
    const Table* const tables[] = {&v2::table, &v3::table, &v4::table};
    int highest = 2;
    if (ceiling != nullptr) {
        while (highest >= 0 && std::strcmp(tables[highest]->instruction_set, ceiling) != 0) {
            --highest;
        }
        if (highest < 0) return nullptr;
    }
    __builtin_cpu_init();
    const bool supported[] = {true, has_v3(), has_v4()};
    while (!supported[highest]) --highest;
    return tables[highest];
}

#else

namespace baseline {
extern const Table table;
}

// One set: naming one of x86's asks for no more than this processor has.
const Table* choose(const char* ceiling) {
    if (ceiling == nullptr) return &baseline::table;
    for (const char* known : {"v2", "v3", "v4", "baseline"}) {
        if (std::strcmp(known, ceiling) == 0) return &baseline::table;
    }
    return nullptr;
}

#endif

}  // namespace nonlin

#include "dispatch.hpp"

#include <cstring>
#include <initializer_list>

namespace nonlin {

#if defined(__x86_64__) || defined(_M_X64)

namespace v2 {
extern const Table table;
}
namespace v3 {
extern const Table table;
}
namespace v4 {
extern const Table table;
}

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
    const bool supported[] = {true, __builtin_cpu_supports("x86-64-v3") != 0,
                              __builtin_cpu_supports("x86-64-v4") != 0};
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

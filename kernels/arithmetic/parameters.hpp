// What a formula makes of its parameters before it sees an x.
#pragma once

#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class V, int N> struct Numbers {
    static constexpr int count = N;
    V number[N > 0 ? N : 1];
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET

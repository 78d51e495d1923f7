#include "../../activations/silu.hpp"

#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function silu = function<activations::silu, 1>("silu");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

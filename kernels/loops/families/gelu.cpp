#include "../../activations/gelu.hpp"

#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function gelu = function<activations::gelu>("gelu");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

#include "../../activations/gelu_tanh.hpp"

#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function gelu_tanh = function<activations::gelu_tanh>("gelu_tanh");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

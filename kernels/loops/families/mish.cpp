#include "../../activations/mish.hpp"

#include "../../activations/tanh_shrink.hpp"
#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function mish = function<activations::mish>("mish");
const Function tanh_shrink = function<activations::tanh_shrink>("tanh_shrink");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

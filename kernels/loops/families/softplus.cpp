#include "../../activations/softplus.hpp"

#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function softplus = function<activations::softplus, 2>("softplus");
const Function log_sigmoid = function<activations::log_sigmoid>("log_sigmoid");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

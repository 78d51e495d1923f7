#include "../../activations/sigmoid.hpp"
#include "../../activations/tanh.hpp"
#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function sigmoid = function<activations::sigmoid>("sigmoid");
const Function tanh = function<activations::tanh>("tanh");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

#include "../../activations/algebraic.hpp"

#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function softsign = function<activations::softsign>("softsign");
const Function squareplus = function<activations::squareplus, 1>("squareplus");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

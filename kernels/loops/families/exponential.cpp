#include "../../activations/exponential.hpp"

#include "../../activations/elu.hpp"
#include "../../activations/selu.hpp"
#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function elu = function<activations::elu, 1>("elu");
const Function celu = function<activations::celu, 1>("celu");
const Function selu = function<activations::selu>("selu");
const Function exponential = function<activations::exponential_activation>("exponential");

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

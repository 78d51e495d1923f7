#include "../../activations/sigmoid.hpp"
#include "../../activations/tanh.hpp"
#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function logistic[] = {
    function<activations::sigmoid>("sigmoid"),
    function<activations::tanh>("tanh"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

#include "../../activations/gelu_tanh.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function gelu_tanh[] = {
    function<activations::gelu_tanh>("gelu_tanh"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

#include "../../activations/softplus.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function softplus[] = {
    function<activations::softplus, 2>("softplus"),
    function<activations::log_sigmoid>("log_sigmoid"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

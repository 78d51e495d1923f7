#include "../../activations/sqrt_softplus.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function sqrt_softplus[] = {
    function<activations::sqrt_softplus>("sqrt_softplus"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

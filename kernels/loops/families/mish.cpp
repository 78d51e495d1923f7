#include "../../activations/mish.hpp"

#include "../../activations/tanh_shrink.hpp"
#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function mish[] = {
    function<activations::mish>("mish"),
    function<activations::tanh_shrink>("tanh_shrink"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

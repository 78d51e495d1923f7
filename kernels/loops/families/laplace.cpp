#include "../../activations/laplace.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function laplace[] = {
    function<activations::laplace, 2>("laplace"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

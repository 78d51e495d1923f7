#include "../../activations/xielu.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function xielu[] = {
    function<activations::xielu, 4>("xielu"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

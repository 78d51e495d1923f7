#include "../../activations/gelu.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function gelu[] = {
    function<activations::gelu>("gelu"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

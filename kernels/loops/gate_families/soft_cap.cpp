#include "../../gates/gates.hpp"
#include "../gate_apply.hpp"
#include "../gates.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families {

const Gate soft_cap[] = {
    gate<gates::situ_glu, 2>("situ_glu"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families

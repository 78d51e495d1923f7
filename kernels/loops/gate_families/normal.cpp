#include "../../gates/gates.hpp"
#include "../gate_apply.hpp"
#include "../gates.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families {

const Gate normal[] = {
    gate<gates::geglu>("geglu"),
    gate<gates::geglu_tanh>("geglu_tanh"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families

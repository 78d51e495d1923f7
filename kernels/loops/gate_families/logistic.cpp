#include "../../gates/gates.hpp"
#include "../gate_apply.hpp"
#include "../gates.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families {

const Gate logistic[] = {
    gate<gates::glu>("glu"),
    gate<gates::swiglu, 1>("swiglu"),
    gate<gates::clamped_swiglu, 3>("clamped_swiglu"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families

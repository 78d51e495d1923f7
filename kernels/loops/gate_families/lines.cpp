#include "../../gates/gates.hpp"
#include "../gate_apply.hpp"
#include "../gates.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families {

const Gate lines[] = {
    gate<gates::reglu>("reglu"),
    gate<gates::bilinear>("bilinear"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gate_families

#include "../../activations/silu.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function silu[] = {
    function<activations::silu, 1>("silu"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

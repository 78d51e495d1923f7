#include "../../activations/exponential.hpp"

#include "../../activations/elu.hpp"
#include "../../activations/selu.hpp"
#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function exponential[] = {
    function<activations::elu, 1>("elu"),
    function<activations::celu, 1>("celu"),
    function<activations::selu>("selu"),
    function<activations::exponential_activation>("exponential"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

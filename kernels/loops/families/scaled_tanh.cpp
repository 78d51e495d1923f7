#include "../../activations/scaled_tanh.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function scaled_tanh[] = {
    function<activations::softcap, 1>("softcap"),
    function<activations::stanh, 2>("stanh"),
    function<activations::lisht>("lisht"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

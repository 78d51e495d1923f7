#include "../../activations/algebraic.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function algebraic[] = {
    function<activations::softsign>("softsign"),
    function<activations::squareplus, 1>("squareplus"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

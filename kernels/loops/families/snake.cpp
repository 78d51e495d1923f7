#include "../../activations/snake.hpp"

#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function snake[] = {
    function<activations::snake, 1>("snake"),
    function<activations::snake_beta, 2>("snake_beta"),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

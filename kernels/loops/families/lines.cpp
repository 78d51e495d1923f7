#include "../../activations/clipped.hpp"
#include "../../activations/piecewise.hpp"
#include "../../activations/squares.hpp"
#include "../apply.hpp"
#include "../families.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

const Function lines[] = {
    function<activations::identity>("identity", exact, exact, exact),
    function<activations::relu>("relu", exact, exact, exact),
    function<activations::leaky_relu, 1>("leaky_relu", near, exact, near_or_zero),
    function<activations::relu6>("relu6", exact, exact, exact),
    function<activations::threshold, 2>("threshold", exact, exact, exact),
    function<activations::thresholded_relu, 1>("thresholded_relu", exact, exact, exact),
    function<activations::hard_tanh, 2>("hard_tanh", exact, exact, exact),
    function<activations::hard_shrink, 1>("hard_shrink", exact, exact, exact),
    function<activations::soft_shrink, 2>("soft_shrink", near, exact, exact),
    function<activations::hard_sigmoid, 2>("hard_sigmoid", through_double, near, near),
    function<activations::hard_swish>("hard_swish", near, through_double, near_or_zero),
    function<activations::sparse_sigmoid>("sparse_sigmoid", exact, exact, exact),
    function<activations::sparse_plus>("sparse_plus", near, exact, near_or_zero),
    function<activations::relu_squared>("relu_squared", exact, exact, near_or_zero),
    function<activations::star_relu, 2>("star_relu", near, near, through_double),
    function<activations::step>("step", exact, exact, exact),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families

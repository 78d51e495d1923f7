#include "../../activations/clipped.hpp"
#include "../../activations/piecewise.hpp"
#include "../apply.hpp"
#include "../functions.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

const Function identity = function<activations::identity>("identity", exact, exact, exact);
const Function relu = function<activations::relu>("relu", exact, exact, exact);
const Function leaky_relu = function<activations::leaky_relu, 1>("leaky_relu", near, exact, near);
const Function relu6 = function<activations::relu6>("relu6", exact, exact, exact);
const Function threshold = function<activations::threshold, 2>("threshold", exact, exact, exact);
const Function thresholded_relu =
    function<activations::thresholded_relu, 1>("thresholded_relu", exact, exact, exact);
const Function hard_tanh = function<activations::hard_tanh, 2>("hard_tanh", exact, exact, exact);
const Function hard_shrink =
    function<activations::hard_shrink, 1>("hard_shrink", exact, exact, exact);
const Function soft_shrink =
    function<activations::soft_shrink, 2>("soft_shrink", near, exact, exact);
const Function hard_sigmoid =
    function<activations::hard_sigmoid, 2>("hard_sigmoid", through_double, near, near);
const Function hard_swish =
    function<activations::hard_swish>("hard_swish", near, through_double, near);
const Function sparse_sigmoid =
    function<activations::sparse_sigmoid>("sparse_sigmoid", exact, exact, exact);
const Function sparse_plus = function<activations::sparse_plus>("sparse_plus", near, exact, near);

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions

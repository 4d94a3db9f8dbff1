/* Every candidate, helpers before their users. */
#include "prelude.h"
#include "core.h"
#include "core64.h"
#include "logistic.h"
#include "tanh_poly.h"
#include "log_ends.h"
#include "exp_core.h"
#include "exp_p5.h"
#include "exp_shift.h"
#include "exp_cephes.h"
#include "exp_f64.h"
#include "log_poly8.h"
#include "log_poly7.h"
#include "log_div.h"
#include "log_f64.h"
#include "tanh_logistic.h"
#include "tanh_split.h"
#include "tanh_fold.h"
#include "tanh_expm1.h"
#include "tanh_eigen.h"
#include "tanh_f64.h"
#include "sigmoid_logistic.h"
#include "sigmoid_plain.h"
#include "sigmoid_fold.h"
#include "sigmoid_wu.h"
#include "sigmoid_step.h"
#include "sigmoid_tanh.h"
#include "sigmoid_f64.h"
/* name, then the function it computes */
#define CANDIDATES \
    X(exp_core, exp) X(exp_p5, exp) X(exp_shift, exp) X(exp_cephes, exp) X(exp_f64, exp) \
    X(log_poly8, log) X(log_poly7, log) X(log_div, log) X(log_f64, log) \
    X(tanh_logistic, tanh) X(tanh_split, tanh) X(tanh_fold, tanh) X(tanh_expm1, tanh) X(tanh_eigen, tanh) X(tanh_f64, tanh) \
    X(sigmoid_logistic, sigmoid) X(sigmoid_plain, sigmoid) X(sigmoid_fold, sigmoid) X(sigmoid_wu, sigmoid) \
    X(sigmoid_step, sigmoid) X(sigmoid_tanh, sigmoid) X(sigmoid_f64, sigmoid)

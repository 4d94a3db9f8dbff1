/* The activations (12.6): each formula is y, and T comes last. */
#include "player.h"

static float linear(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return x;
}

static float tanh_(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return function_tanh(x);
}

static float sigmoid(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return function_sigmoid(x);
}

static float relu(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return x < 0 ? 0 : x;
}

static float leaky_relu(float x, float alpha, float beta)
{
    (void)beta;
    return x < 0 ? alpha * x : x;
}

static float elu(float x, float alpha, float beta)
{
    (void)beta;
    return x < 0 ? alpha * (function_exp(x) - 1) : x;
}

static float softplus(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return (x < 0 ? 0 : x) + function_log(1 + function_exp(x < 0 ? x : -x));
}

static float softsign(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    return x / (1 + (x < 0 ? -x : x));
}

static float hard_sigmoid(float x, float alpha, float beta)
{
    float a = (alpha * x) + beta;
    float l = a < 0 ? 0 : a;
    return 1 < l ? 1 : l;
}

static float hard_tanh(float x, float alpha, float beta)
{
    (void)alpha, (void)beta;
    float l = x < -1 ? -1 : x;
    return 1 < l ? 1 : l;
}

static float thresholded_relu(float x, float alpha, float beta)
{
    (void)beta;
    return x <= alpha ? 0 : x;
}

static float scaled_tanh(float x, float alpha, float beta)
{
    return alpha * function_tanh(beta * x);
}

static const Function FUNCTIONS[] = {
    {"linear", 0, linear},
    {"tanh", 0, tanh_},
    {"sigmoid", 0, sigmoid},
    {"relu", 0, relu},
    {"leaky_relu", 1, leaky_relu},
    {"elu", 1, elu},
    {"softplus", 0, softplus},
    {"softsign", 0, softsign},
    {"hard_sigmoid", 2, hard_sigmoid},
    {"hard_tanh", 0, hard_tanh},
    {"thresholded_relu", 1, thresholded_relu},
    {"scaled_tanh", 2, scaled_tanh},
};

/* 0 for softmax and log_softmax too: these are no functions of one element. */
const Function *find_function(String name)
{
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
        if (same(name, FUNCTIONS[i].name))
            return &FUNCTIONS[i];
    return NULL;
}

float activate(const Activation *activation, float x)
{
    return tiny(activation->formula(x, activation->alpha, activation->beta));
}

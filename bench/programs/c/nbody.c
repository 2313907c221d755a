/* Floating point with division and square root: the energy of five bodies after n steps of a hundredth of a
 * year. Masses are in solar masses times 4 pi^2, distances in astronomical units, velocities in those a year.
 */
#include "../benchmark.h"

enum { BODIES = 5 };

static const double SOLAR_MASS = 39.478417604357434;
static const double DAYS = 365.25;
static const double STEP = 0.01;

struct body {
    double position[3];
    double velocity[3];
    double mass;
};

/* Sun, Jupiter, Saturn, Uranus, Neptune: rounded positions and velocities a day, solar masses. */
static const struct body START[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 1},
    {{4.8414, -1.1603, -0.1036}, {0.001660, 0.007699, -0.0000690}, 0.00095479},
    {{8.3434, 4.1248, -0.4035}, {-0.002767, 0.004998, 0.0000230}, 0.00028588},
    {{12.8944, -15.1112, -0.2233}, {0.002964, 0.002378, -0.0000296}, 0.0000436624},
    {{15.3797, -25.9193, 0.1793}, {0.002680, 0.001628, -0.0000951}, 0.0000515138},
};

static struct body bodies[BODIES];

static void begin(void) {
    for (int i = 0; i < BODIES; i++) {
        bodies[i] = START[i];
        bodies[i].mass *= SOLAR_MASS;
        for (int axis = 0; axis < 3; axis++) {
            bodies[i].velocity[axis] *= DAYS;
            /* The Sun moves so that the whole stays where it is. */
            bodies[0].velocity[axis] -= bodies[i].velocity[axis] * bodies[i].mass / SOLAR_MASS;
        }
    }
}

static double distance_squared(const struct body *a, const struct body *b, double difference[3]) {
    double sum = 0;
    for (int axis = 0; axis < 3; axis++) {
        difference[axis] = a->position[axis] - b->position[axis];
        sum += difference[axis] * difference[axis];
    }
    return sum;
}

static void advance(void) {
    double difference[3];
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            double squared = distance_squared(&bodies[i], &bodies[j], difference);
            double magnitude = STEP / (squared * __builtin_sqrt(squared));
            for (int axis = 0; axis < 3; axis++) {
                bodies[i].velocity[axis] -= difference[axis] * bodies[j].mass * magnitude;
                bodies[j].velocity[axis] += difference[axis] * bodies[i].mass * magnitude;
            }
        }
    }
    for (int i = 0; i < BODIES; i++) {
        for (int axis = 0; axis < 3; axis++) {
            bodies[i].position[axis] += STEP * bodies[i].velocity[axis];
        }
    }
}

static double energy(void) {
    double total = 0, difference[3];
    for (int i = 0; i < BODIES; i++) {
        const double *v = bodies[i].velocity;
        total += bodies[i].mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) / 2;
        for (int j = i + 1; j < BODIES; j++) {
            double distance = __builtin_sqrt(distance_squared(&bodies[i], &bodies[j], difference));
            total -= bodies[i].mass * bodies[j].mass / distance;
        }
    }
    return total;
}

EXPORT double run(int32_t n) {
    begin();
    for (int32_t step = 0; step < n; step++) {
        advance();
    }
    return energy();
}

// An image kernel in C++: a picture is drawn, blurred by a Gaussian in two passes, sharpened by its difference, and
// its edges are found; some rounds over (the first argument).
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr int WIDTH = 320, HEIGHT = 240, RADIUS = 4;

class Image {
public:
    Image() : pixels_(WIDTH * HEIGHT) {}

    // Pixels beyond the border are those of the border.
    float at(int x, int y) const {
        x = x < 0 ? 0 : x >= WIDTH ? WIDTH - 1 : x;
        y = y < 0 ? 0 : y >= HEIGHT ? HEIGHT - 1 : y;
        return pixels_[y * WIDTH + x];
    }

    template <typename Function> static Image make(Function pixel) {
        Image image;
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.pixels_[y * WIDTH + x] = pixel(x, y);
            }
        }
        return image;
    }

private:
    std::vector<float> pixels_;
};

std::vector<float> gaussian() {
    std::vector<float> weights;
    float sum = 0;
    for (int i = -RADIUS; i <= RADIUS; i++) {
        weights.push_back(1.0f / (1 << std::abs(i)));
        sum += weights.back();
    }
    for (float &weight : weights) {
        weight /= sum;
    }
    return weights;
}

Image blur(const Image &image, const std::vector<float> &weights, int dx, int dy) {
    return Image::make([&](int x, int y) {
        float sum = 0;
        for (int i = -RADIUS; i <= RADIUS; i++) {
            sum += weights[i + RADIUS] * image.at(x + i * dx, y + i * dy);
        }
        return sum;
    });
}

Image edges(const Image &image) {
    return Image::make([&](int x, int y) {
        float across = image.at(x + 1, y - 1) + 2 * image.at(x + 1, y) + image.at(x + 1, y + 1) -
                       image.at(x - 1, y - 1) - 2 * image.at(x - 1, y) - image.at(x - 1, y + 1);
        float down = image.at(x - 1, y + 1) + 2 * image.at(x, y + 1) + image.at(x + 1, y + 1) -
                     image.at(x - 1, y - 1) - 2 * image.at(x, y - 1) - image.at(x + 1, y - 1);
        return std::sqrt(across * across + down * down);
    });
}

} // namespace

int main(int argc, char **argv) {
    int rounds = argc > 1 ? std::atoi(argv[1]) : 1;
    const auto weights = gaussian();
    double total = 0;
    for (int round = 0; round < rounds; round++) {
        const Image drawn = Image::make([&](int x, int y) {
            return static_cast<float>(((x ^ y) + round * 3) % 64) + (x * x + y * y < 20000 ? 100.0f : 0.0f);
        });
        const Image soft = blur(blur(drawn, weights, 1, 0), weights, 0, 1);
        const Image sharp = Image::make([&](int x, int y) { return 2 * drawn.at(x, y) - soft.at(x, y); });
        const Image found = edges(sharp);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                total += found.at(x, y);
            }
        }
    }
    std::printf("%.3f\n", total);
    return 0;
}

#include "language/model_files.h"

#include <fmt/format.h>

namespace segue {

std::string part_file(int64_t part, int64_t layers) { return fmt::format("model-{:05}-of-{:05}.safetensors", part + 1, layers + 1); }

void copy_words(const Path& from, const Path& into) {
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const std::string name = entry.path().filename().string(), kind = entry.path().extension().string();
    const bool words = kind == ".json" || kind == ".model" || kind == ".jinja" || kind == ".txt";
    if (!entry.is_regular_file() || !words || name == "config.json" || name == "model.safetensors.index.json") continue;
    write_file(into / name, read_file(entry.path()));
  }
}

}  // namespace segue

#include "language/quantise.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_files.h"
#include "language/checkpoint.h"
#include "language/decoder_config.h"
#include "language/model_files.h"

namespace segue {
namespace {

using Json = nlohmann::json;

bool is_matrix(const std::string& name) { return name.starts_with("model.layers.") && name.ends_with("_proj.weight"); }

/// What each file says of itself.
struct Marks {
  std::string of, storage;
  double difference = 0, original = 0;  // Σ (kept − original)², Σ original²

  std::map<std::string, std::string> text() const {
    return {{"of", of}, {"storage", storage}, {"difference", fmt::format("{:.17g}", difference)}, {"original", fmt::format("{:.17g}", original)}};
  }
};

class Writer {
 public:
  Writer(const Path& from, const Path& into, Storage storage) : weights_(from), into_(into), storage_(storage), of_(checkpoint_fingerprint(from)) {
    if (weights_.quantised().has_value()) throw Error("{}: is quantised already; the model that it was made from would do", from.string());
    layers_ = read_decoder_config(from).layers;
  }

  Quantised run() {
    const Path config = into_ / "config.json";
    if (std::filesystem::exists(config)) {
      const Json known = Json::parse(read_file(config), nullptr, false);
      if (!known.is_object() || known.value("/segue/of"_json_pointer, "") != of_ || known.value("/segue/storage"_json_pointer, "") != name_of(storage_)) {
        throw Error("{}: has another model in it; an empty folder would work", into_.string());
      }
    }
    std::filesystem::create_directories(into_);
    Quantised done;
    Marks all;
    Json places = Json::object();
    Progress progress("quantising", layers_ + 1, "files");
    for (int64_t part = 0; part <= layers_; ++part) {
      const std::string file = part_file(part, layers_);
      const Marks marks = part_of(part, into_ / file);
      all.difference += marks.difference;
      all.original += marks.original;
      count(into_ / file, file, places, done);
      progress.advance(1);
    }
    done.layers = layers_;
    done.relative_error = std::sqrt(all.difference / std::max(all.original, 1e-300));
    copy_words(weights_.folder(), into_);
    write_file(into_ / "model.safetensors.index.json", Json{{"weight_map", places}}.dump(1));
    Json json = Json::parse(read_file(weights_.folder() / "config.json"));
    json["segue"] = {{"of", of_}, {"storage", name_of(storage_)}};
    write_file(config, json.dump(2));  // last: with it the folder is a model
    return done;
  }

 private:
  /// A layer, or, after the last, all that belongs to none.
  Marks part_of(int64_t part, const Path& file) const {
    if (std::filesystem::exists(file)) return marks_of(file);
    const at::NoGradGuard no_grad;
    const std::string layer = fmt::format("model.layers.{}.", part);
    std::map<std::string, Array, std::less<>> arrays;
    NamedTensors made;
    Marks marks{of_, name_of(storage_)};
    for (const auto& name : weights_.names()) {
      if (part < layers_ ? !name.starts_with(layer) : name.starts_with("model.layers.")) continue;
      const Array& array = weights_.array(name);
      if (!is_matrix(name)) {
        arrays.emplace(name, array);
        continue;
      }
      if (array.shape.size() != 2) throw Error("{}: '{}' is no matrix", weights_.folder().string(), name);
      const FrozenMatrix matrix = weights_.matrix(name, array.shape[0], array.shape[1], storage_);
      const Tensor original = weights_.mapped(name, array.shape);
      matrix.in_pieces([&](int64_t begin, const Tensor& kept) {
        const Tensor was = original.narrow(0, begin, kept.size(0)).to(at::kFloat);
        marks.difference += (kept - was).square().sum(at::kDouble).item<double>();
        marks.original += was.square().sum(at::kDouble).item<double>();
      });
      const auto& parts = matrix.parts();
      for (const auto& [of, tensor] : {std::pair(name, parts.numbers), std::pair(Checkpoint::scale_of(name), parts.scale), std::pair(Checkpoint::ranges_of(name), parts.ranges)}) {
        if (tensor.defined()) arrays.emplace(of, array_of(made.emplace(of, tensor).first->second));
      }
    }
    write_safetensors(file, arrays, marks.text());
    return marks;
  }

  Marks marks_of(const Path& file) const {
    const Safetensors there(file);
    const auto& said = there.metadata();
    const auto at = [&](const char* name) { return said.count(name) == 0 ? std::string() : said.at(name); };
    if (at("of") != of_ || at("storage") != name_of(storage_)) throw Error("{}: is of another model or storage; an empty folder would work", file.string());
    return {of_, name_of(storage_), std::stod(at("difference")), std::stod(at("original"))};
  }

  void count(const Path& path, const std::string& file, Json& places, Quantised& done) const {
    const Safetensors there(path);
    for (const auto& name : there.names()) {
      places[name] = file;
      if (is_matrix(name)) {
        ++done.matrices;
        done.bytes_before += std::ssize(weights_.array(name).bytes);
      }
      if (name.find("_proj.weight") != std::string::npos) done.bytes_after += std::ssize(there.at(name).bytes);
    }
  }

  Checkpoint weights_;
  Path into_;
  Storage storage_;
  std::string of_;
  int64_t layers_ = 0;
};

}  // namespace

Quantised quantise(const Path& from, const Path& into, Storage storage) { return Writer(from, into, storage).run(); }

}  // namespace segue

#include "training/shared_states.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <exception>

namespace segue {
namespace {

constexpr int64_t numbers = 5;  // of a question that is sent

/// Whether windows serve many questions depends on all of them, so each part must be read as the whole would be.
std::vector<int64_t> sent(std::span<const Asked> asked) {
  const bool all_go_on = std::all_of(asked.begin(), asked.end(), [](const Asked& one) { return one.goes_on; });
  std::vector<int64_t> flat;
  for (const Asked& one : asked) flat.insert(flat.end(), {one.listener, one.from, one.to, one.when_ms, all_go_on ? 1 : 0});
  return flat;
}

std::vector<Asked> received(const Tensor& flat, std::pair<size_t, size_t> part) {
  std::vector<Asked> asked;
  const auto* row = flat.const_data_ptr<int64_t>() + static_cast<int64_t>(part.first) * numbers;
  for (size_t q = part.first; q < part.second; ++q, row += numbers) {
    asked.push_back({static_cast<int32_t>(row[0]), row[1], row[2], row[3], row[4] != 0});
  }
  return asked;
}

}  // namespace

SharedStates::SharedStates(const Processes& processes, std::vector<VectorModel*> models) : processes_(processes), models_(std::move(models)) {
  for (size_t m = 0; m < models_.size(); ++m) {
    alone_.push_back(models_[m]->states);
    if (processes_.first() && processes_.count() > 1) models_[m]->states = [this, m](std::span<const Asked> asked) { return ask(m, asked); };
  }
}

SharedStates::~SharedStates() {
  if (!processes_.first() || std::uncaught_exceptions() > 0) return;  // where the first fails the others shall, too
  try {
    processes_.take_from_first(tensor_of(std::vector<int64_t>{-1, 0}, {2}));
  } catch (const std::exception&) {  // they have ended already
  }
}

std::vector<float> SharedStates::ask(size_t model, std::span<const Asked> asked) const {
  processes_.take_from_first(tensor_of(std::vector<int64_t>{static_cast<int64_t>(model), std::ssize(asked)}, {2}));
  return read(model, asked);
}

/// Each process fills its part of a table of zeros, and the tables are summed.
std::vector<float> SharedStates::read(size_t model, std::span<const Asked> asked) const {
  const auto n = static_cast<int64_t>(asked.size()), width = models_[model]->width;
  const Tensor questions = tensor_of(sent(asked), {n, numbers});
  processes_.take_from_first(questions);
  const auto part = processes_.part_of(asked.size());
  const Tensor states = at::zeros({n, width}, at::TensorOptions(at::kFloat));
  const auto mine = part.first == part.second ? std::vector<float>() : alone_[model](received(questions, part));
  std::copy(mine.begin(), mine.end(), states.mutable_data_ptr<float>() + static_cast<int64_t>(part.first) * width);
  processes_.sum(states);
  return floats_of(states);
}

void SharedStates::serve() const {
  while (true) {
    const Tensor header = tensor_of(std::vector<int64_t>{0, 0}, {2});
    processes_.take_from_first(header);
    const auto model = header[0].item<int64_t>();
    if (model < 0) return;
    read(static_cast<size_t>(model), std::vector<Asked>(static_cast<size_t>(header[1].item<int64_t>())));
  }
}

}  // namespace segue

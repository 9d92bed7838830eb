#include "training/processes.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <chrono>
#include <cstdlib>

#include "core/error.h"

namespace segue {
namespace {

constexpr std::chrono::minutes patience{30};  // for an answer of the others; one that ended is noticed at once

std::string variable(const char* name, const std::string& otherwise = {}) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int64_t number_of(const char* name, int64_t least, int64_t most) {
  const std::string value = variable(name);
  char* end = nullptr;
  const int64_t number = std::strtoll(value.c_str(), &end, 10);
  if (value.empty() || *end != 0 || number < least || number > most) {
    throw Error("{}: '{}' in the environment; a number from {} to {} is wanted, as torchrun sets it", name, value, least, most);
  }
  return number;
}

/// Of a message of c10d its first sentence: behind it come a call stack and advice on its environment.
std::string first_line(const std::exception& failed) {
  const std::string all = failed.what();
  return all.substr(0, std::min(all.find('\n'), all.find("Exception raised from")));
}

}  // namespace

#ifdef USE_C10D_GLOO

class Processes::Group {
 public:
  Group(Share of, at::Device device) : of_(of) {
    try {
      const auto store = c10::make_intrusive<c10d::PrefixStore>("segue/" + variable("TORCHELASTIC_RESTART_COUNT", "0"), meet_at());
      make(store, device);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& failed) {
      throw Error("process {} of {}: did not find the others at {}:{}: {}", of_.number, of_.of, variable("MASTER_ADDR"), variable("MASTER_PORT"), first_line(failed));
    }
  }

  void sum(const Tensor& tensor) { call(tensor, [&](std::vector<Tensor>& sent) { return backend_->allreduce(sent); }); }
  void take(const Tensor& tensor) { call(tensor, [&](std::vector<Tensor>& sent) { return backend_->broadcast(sent); }); }

 private:
  /// Where torchrun's agent keeps the store, all are its clients; else the first process keeps it.
  c10::intrusive_ptr<c10d::Store> meet_at() const {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(number_of("MASTER_PORT", 1, 65535));
    options.isServer = of_.number == 0 && variable("TORCHELASTIC_USE_AGENT_STORE") != "True";
    options.numWorkers = static_cast<size_t>(of_.of);
    options.waitWorkers = options.isServer;
    options.timeout = patience;
    return c10::make_intrusive<c10d::TCPStore>(variable("MASTER_ADDR", "127.0.0.1"), options);
  }

  void make(const c10::intrusive_ptr<c10d::Store>& store, at::Device device) {
    const int number = static_cast<int>(of_.number), count = static_cast<int>(of_.of);
#ifdef USE_C10D_NCCL
    if (device.is_cuda()) {
      sends_ = device;
      auto options = c10d::ProcessGroupNCCL::Options::create();
      options->timeout = patience;
      backend_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, number, count, options);
      return;
    }
#endif
    sends_ = at::kCPU;  // from a GPU without NCCL by way of the CPU
    (void)device;
    backend_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, number, count, c10d::ProcessGroupGloo::Options::create_default(patience));
  }

  template <class Call>
  void call(const Tensor& tensor, Call send) {
    const at::NoGradGuard no_grad;
    std::vector<Tensor> sent{tensor.detach().to(sends_).contiguous()};
    try {
      send(sent)->wait();
      if (!sent[0].is_alias_of(tensor)) tensor.detach().copy_(sent[0]);
    } catch (const std::exception& failed) {
      throw Error("process {} of {}: another process has ended or does not answer, so all end ({})", of_.number, of_.of, first_line(failed));
    }
  }

  Share of_;
  at::Device sends_ = at::kCPU;
  c10::intrusive_ptr<c10d::Backend> backend_;
};

#else

class Processes::Group {
 public:
  Group(Share, at::Device) { throw Error("WORLD_SIZE is set, but this libtorch was built without c10d: one process only"); }
  void sum(const Tensor&) {}
  void take(const Tensor&) {}
};

#endif

Processes::Processes() = default;
Processes::~Processes() = default;

Processes::Processes(at::Device device) {
  if (variable("WORLD_SIZE", "1") == "1") return;
  share_.of = number_of("WORLD_SIZE", 1, 4096);
  share_.number = number_of("RANK", 0, share_.of - 1);
  group_ = std::make_unique<Group>(share_, device);
}

std::pair<size_t, size_t> Processes::part_of(size_t n) const {
  const auto number = static_cast<size_t>(share_.number), of = static_cast<size_t>(share_.of);
  return {n * number / of, n * (number + 1) / of};
}

void Processes::sum(const Tensor& tensor) const {
  if (group_) group_->sum(tensor);
}

void Processes::take_from_first(const Tensor& tensor) const {
  if (group_) group_->take(tensor);
}

std::string Processes::take_from_first(const std::string& text) const {
  if (!group_) return text;
  const Tensor length = tensor_of(std::vector<int64_t>{std::ssize(text)}, {1});
  group_->take(length);
  std::string taken(static_cast<size_t>(length.item<int64_t>()), '\0');
  if (first()) taken = text;
  if (!taken.empty()) group_->take(at::from_blob(taken.data(), {std::ssize(taken)}, at::TensorOptions(at::kByte)));
  return taken;
}

}  // namespace segue

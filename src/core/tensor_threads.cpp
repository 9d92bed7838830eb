#include "core/tensor_threads.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "core/parallel.h"

namespace segue {

// Asking first lets libtorch set up this thread, which would undo what is set before.
SerialTensors::SerialTensors() : before_(at::get_num_threads()) {
  if (before_ != 1) at::set_num_threads(1);
}

SerialTensors::~SerialTensors() {
  if (before_ != 1) at::set_num_threads(before_);
}

void parallel_tensors(int64_t n, const std::function<void(int64_t)>& job) {
  const bool records = at::GradMode::is_enabled();
  parallel_for(n, [&](int64_t i) {
    const SerialTensors serial;
    const at::AutoGradMode as_outside(records);
    job(i);
  });
}

}  // namespace segue

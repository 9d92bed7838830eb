#pragma once

#include <cstdint>
#include <functional>

namespace segue {

/// While it lives, tensor operations of this thread use no other threads.
class SerialTensors {
 public:
  SerialTensors();
  ~SerialTensors();
  SerialTensors(const SerialTensors&) = delete;
  SerialTensors& operator=(const SerialTensors&) = delete;

 private:
  int before_;
};

/// Calls job(0) … job(n - 1), each once, on threads(), with tensor operations that use no threads inside. Threads inside a
/// small operation wait for each other by spinning, which eats the time of the one that is waited for where a processor is
/// busy; jobs side by side don't wait. What a job computes does not depend on the number of threads. Whether gradients
/// are recorded is as in the thread that calls.
void parallel_tensors(int64_t n, const std::function<void(int64_t)>& job);

}  // namespace segue

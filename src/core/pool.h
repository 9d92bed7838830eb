#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace segue {

/// Things that cost much to make and nothing to clean. A lease is a thing nobody else uses: one that was handed back, or
/// a new one. There are never more of them than were in use at once. The pool must outlive its leases.
template <class Thing>
class Pool {
 public:
  struct HandBack {
    const Pool* pool;
    void operator()(Thing* thing) const { pool->take_back(thing); }
  };
  using Lease = std::unique_ptr<Thing, HandBack>;

  explicit Pool(std::function<std::unique_ptr<Thing>()> make) : make_(std::move(make)) {}

  /// May be called from any thread. The thing is as it was handed back.
  Lease lease() const {
    {
      const std::lock_guard<std::mutex> hold(guard_);
      if (!idle_.empty()) {
        Lease one(idle_.back().release(), HandBack{this});
        idle_.pop_back();
        return one;
      }
    }
    return Lease(make_().release(), HandBack{this});
  }

 private:
  void take_back(Thing* thing) const {
    std::unique_ptr<Thing> one(thing);
    const std::lock_guard<std::mutex> hold(guard_);
    idle_.push_back(std::move(one));
  }

  std::function<std::unique_ptr<Thing>()> make_;
  mutable std::mutex guard_;
  mutable std::vector<std::unique_ptr<Thing>> idle_;
};

}  // namespace segue

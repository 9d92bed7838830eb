#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "annotation/chat_model.h"
#include "annotation/values.h"

namespace segue {

/// How genes are asked for. All of it is part of a signal's space.
struct QuestionPlan {
  int64_t together = 1;      // tracks in a request, at most
  bool by_category = false;  // a request for each category, not one for all
  int64_t passes = 1;        // how often each track is asked, every other time in the reverse order

  /// In words, without the number of passes; different plans are spelled differently, and so are other texts of the
  /// questions.
  std::string spelled() const;
  /// Requests for one group of tracks and one pass: 1, or one a category.
  int64_t parts() const { return by_category ? std::ssize(gene_categories()) : 1; }
};

/// One kind of request: a part of a plan and a pass. Its schema and its instruction are the same for all tracks.
class Question {
 public:
  /// part: below plan.parts(). tracks: in the request, 1 … plan.together.
  Question(const QuestionPlan& plan, int64_t part, int64_t pass, int64_t tracks);

  /// Places of gene_categories(), in the order in which they are asked for.
  const std::vector<size_t>& categories() const { return categories_; }
  /// The genes of a category in that order.
  const std::vector<int64_t>& genes_of(size_t category) const { return genes_[category]; }
  const std::string& instruction() const { return instruction_; }
  const nlohmann::ordered_json& schema() const { return schema_; }
  int64_t tracks() const { return tracks_; }

  /// known: of each track, what is told of it. ids: what tells their entries in the answer apart. Nothing that stands in
  /// `known` can end the data or become a special token of a model: it is inside JSON strings, "<" as an escape.
  /// The question must outlive the request.
  ChatRequest request(const std::vector<nlohmann::ordered_json>& known, const std::vector<std::string>& ids, uint64_t seed) const;

 private:
  nlohmann::ordered_json schema_of() const;
  std::string instruction_of() const;
  std::string form() const;

  int64_t tracks_;
  std::vector<size_t> categories_;
  std::vector<std::vector<int64_t>> genes_;  // by category
  nlohmann::ordered_json schema_;
  std::string instruction_;
};

/// "track_1": the key of a request's first track.
std::string track_key_of(int64_t place);

/// Four digits that belong to what is told of a track, and differ between the tracks of one request. A model has to give
/// them back, so that the answer to another request is noticed.
std::vector<std::string> track_ids(const std::vector<nlohmann::ordered_json>& known);

/// 32 hex digits of a text.
std::string hash_text(std::string_view text);

}  // namespace segue

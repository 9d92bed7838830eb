#include "annotation/answer.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string> ids{"1234", "5678"};

/// An answer in which every gene is as far up its scale as its number says, modulo 11 halves.
Json good(const Question& question) {
  Json out = Json::object();
  for (int64_t t = 0; t < question.tracks(); ++t) {
    Json track{{"id", ids[static_cast<size_t>(t)]}};
    for (const size_t at : question.categories()) {
      Json category{{"confidence", "high"}};
      for (const int64_t gene : question.genes_of(at)) category[genes()[static_cast<size_t>(gene)].key] = 0.5 * static_cast<double>((gene + t) % 11);
      track[gene_categories()[at].key] = category;
    }
    out[track_key_of(t)] = track;
  }
  return out;
}

struct Read {
  const Question question{{.together = 2}, 0, 0, 2};
  ReadAnswer of(const std::string& text) const { return read_answer(text, question, ids); }
};

TEST(Answer, IsReadWhole) {
  const Read read;
  const ReadAnswer answer = read.of(good(read.question).dump());
  EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
  for (size_t t = 0; t < 2; ++t) {
    EXPECT_TRUE(answer.tracks[t].whole(read.question));
    for (size_t gene = 0; gene < gene_count; ++gene) EXPECT_EQ(answer.tracks[t].values[gene], 0.5F * static_cast<float>((gene + t) % 11));
    for (const auto sure : answer.tracks[t].confidence) EXPECT_EQ(sure, 3);
  }
}

TEST(Answer, MayHaveWordsAroundIt) {
  const Read read;
  const std::string json = good(read.question).dump(1);
  for (const std::string& text : {"Sure! Here you are:\n```json\n" + json + "\n```\nAsk me more {if you like}.", "<think>maybe {\"track_1\": {}}?</think>" + json, "\xef\xbb\xbf" + json,
                                  "{} " + json, "\"}\" " + json}) {
    const ReadAnswer answer = read.of(text);
    EXPECT_TRUE(answer.problems.empty()) << text.substr(0, 60) << ": " << answer.problems.front();
    EXPECT_EQ(answer.tracks[1].count(Said::value), gene_count);
  }
}

TEST(Answer, ThatIsNoneHasNoValue) {
  const Read read;
  const std::string json = good(read.question).dump();
  std::string nan = json;
  nan.replace(nan.find("\"tempo\":") + 8, 3, "NaN");
  for (const std::string& text : {std::string(), std::string("I'm sorry, I can't."), json.substr(0, json.size() / 2), json.substr(1), nan, std::string("[1, 2]"), std::string("null"),
                                  std::string(100'000, '{'), std::string(100'000, '['), std::string(2 << 20, ' ') + json, std::string("{\"a\": \"\\")}) {
    const ReadAnswer answer = read.of(text);
    ASSERT_EQ(answer.tracks.size(), 2u);
    EXPECT_FALSE(answer.problems.empty()) << text.substr(0, 60);
    for (const auto& track : answer.tracks) EXPECT_EQ(track.count(Said::none), gene_count) << text.substr(0, 60);
  }
}

TEST(Answer, ValuesThatAreNotAsTheSchemaHasThemAreNone) {
  const Read read;
  for (const Json& bad : {Json(5.5), Json(-0.5), Json(3.7), Json("3"), Json("Unknown"), Json(nullptr), Json(true), Json::array({3}), Json::object(), Json(1e300), Json(50)}) {
    Json json = good(read.question);
    json["track_1"]["rhythm"]["tempo"] = bad;
    const ReadAnswer answer = read.of(json.dump());
    ASSERT_EQ(answer.problems.size(), 1u) << bad;
    EXPECT_NE(answer.problems.front().find("rhythm.tempo"), std::string::npos) << answer.problems.front();
    EXPECT_EQ(answer.tracks[0].reply[9], Said::none);
    EXPECT_FALSE(answer.tracks[0].values[9]);
    EXPECT_FALSE(answer.tracks[0].whole(read.question));
    EXPECT_EQ(answer.tracks[0].count(Said::value), gene_count - 1);
    EXPECT_TRUE(answer.tracks[1].whole(read.question));
  }
}

TEST(Answer, MayNotKnow) {
  const Read read;
  Json json = good(read.question);
  json["track_1"]["rhythm"]["tempo"] = "unknown";
  const ReadAnswer answer = read.of(json.dump());
  EXPECT_TRUE(answer.problems.empty());
  EXPECT_EQ(answer.tracks[0].reply[9], Said::unknown);
  EXPECT_FALSE(answer.tracks[0].values[9]);
  EXPECT_TRUE(answer.tracks[0].whole(read.question));
}

TEST(Answer, OfAnotherTrackIsNone) {
  const Read read;
  Json json = good(read.question);
  json["track_1"]["id"] = ids[1];
  ReadAnswer answer = read.of(json.dump());
  EXPECT_EQ(answer.tracks[0].count(Said::none), gene_count);
  EXPECT_TRUE(answer.tracks[1].whole(read.question));
  std::swap(json["track_1"], json["track_2"]);  // both, crosswise
  answer = read.of(json.dump());
  EXPECT_EQ(answer.tracks[0].count(Said::none), gene_count);
  json = good(read.question);
  json["track_1"].erase("id");
  EXPECT_EQ(read.of(json.dump()).tracks[0].count(Said::none), gene_count);
  json["track_1"]["id"] = 1234;  // as a number it is the same
  EXPECT_TRUE(read.of(json.dump()).tracks[0].whole(read.question));
}

TEST(Answer, LacksWhatIsMissingAndKeepsNothingElse) {
  const Read read;
  Json json = good(read.question);
  json["track_1"].erase("lyrics");
  json["track_1"]["vocals"].erase("confidence");
  json["track_2"]["rhythm"]["groove"] = 3;
  json["track_2"]["mood"] = 3;
  json["track_3"] = json["track_2"];
  const ReadAnswer answer = read.of(json.dump());
  EXPECT_EQ(answer.problems.size(), 5u);
  EXPECT_EQ(answer.tracks.size(), 2u);
  EXPECT_EQ(answer.tracks[0].count(Said::none), 8);
  EXPECT_EQ(answer.tracks[0].confidence[0], -1);
  EXPECT_FALSE(answer.tracks[0].whole(read.question));
  EXPECT_TRUE(answer.tracks[1].whole(read.question));
}

TEST(Answer, ThatSaysAThingTwiceSaysNothing) {
  const Question question({}, 0, 0, 1);
  std::string text = good(question).dump();
  text.replace(text.find("\"tempo\":"), 8, "\"tempo\":5,\"tempo\":");
  const ReadAnswer answer = read_answer(text, question, ids);
  EXPECT_EQ(answer.tracks[0].reply[9], Said::none);
  EXPECT_EQ(answer.tracks[0].count(Said::value), gene_count - 1);
}

TEST(Answer, IsCompletedByALaterOne) {
  const Question question({}, 0, 0, 1);
  Json first = good(question), second = good(question);
  first["track_1"]["rhythm"]["tempo"] = 7;
  second["track_1"]["rhythm"]["tempo"] = 4.5;
  second["track_1"]["rhythm"]["backbeat"] = "none";
  TrackAnswer a = read_answer(first.dump(), question, ids).tracks[0];
  const TrackAnswer b = read_answer(second.dump(), question, ids).tracks[0];
  a.add(b);
  EXPECT_TRUE(a.whole(question));
  EXPECT_EQ(a.values[9], 4.5F);
  EXPECT_EQ(a.values[17], 0.5F * (17 % 11));
}

TEST(Answer, IsKeptAsItWas) {
  const Question question({}, 0, 0, 1);
  Json json = good(question);
  json["track_1"]["rhythm"]["tempo"] = "unknown";
  json["track_1"]["lyrics"]["sad_lyrics"] = 17;
  json["track_1"]["vocals"]["confidence"] = "none";
  const TrackAnswer answer = read_answer(json.dump(), question, ids).tracks[0];
  const TrackAnswer read = read_track_answer(write_track_answer(answer));
  EXPECT_EQ(read.reply, answer.reply);
  EXPECT_EQ(read.values, answer.values);
  EXPECT_EQ(read.confidence, answer.confidence);
  EXPECT_THROW(read_track_answer("{}"), Error);
  EXPECT_THROW(read_track_answer("half"), Error);
}

}  // namespace
}  // namespace segue

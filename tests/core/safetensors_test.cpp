#include "core/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// A file with this header before so many bytes of arrays.
std::string file_of(const std::string& header, size_t bytes) {
  std::string text(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(text.data(), &length, sizeof length);
  return text + header + std::string(bytes, 'x');
}

std::string refusal(const std::string& bytes) {
  const Scratch scratch;
  try {
    const Safetensors arrays(scratch.file("weights.safetensors", bytes));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(Safetensors, GivesBackWhatWasWritten) {
  const Scratch scratch;
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  write_safetensors(scratch / "w", {{"a", {Kind::f32, {2, 3}, std::as_bytes(std::span(numbers))}}, {"none", {Kind::i64, {0}, {}}}}, {{"format", "pt"}});
  const Safetensors arrays(scratch / "w");
  EXPECT_EQ(arrays.names(), (std::vector<std::string>{"a", "none"}));
  EXPECT_EQ(arrays.at("a").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(arrays.at("a").bytes.data(), numbers.data(), 24), 0);
  EXPECT_EQ(arrays.metadata().at("format"), "pt");
  EXPECT_THROW(arrays.at("b"), Error);
}

TEST(Safetensors, RefusesAFileThatLies) {
  const auto says = [](const std::string& bytes, const char* what) { EXPECT_NE(refusal(bytes).find(what), std::string::npos) << refusal(bytes); };
  says("", "no safetensors file");
  says(file_of("{}", 0).replace(0, 8, std::string(8, '\x7f')), "a header of");
  says(file_of("[1]", 0), "no JSON object");
  says(file_of(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 7), "cut short");
  says(file_of(R"({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}})", 8), "does not fit");
  says(file_of(R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 8]}})", 8), "impossible shape");
  says(file_of(R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}})", 8), "impossible shape");
  says(file_of(R"({"a": {"dtype": "F9", "shape": [2], "data_offsets": [0, 8]}})", 8), "kind 'F9'");
  says(file_of(R"({"a": {"dtype": "F32", "data_offsets": [0, 8]}})", 8), "not safetensors");
  says(file_of(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", 8), "'a' and 'b' overlap");
}

}  // namespace
}  // namespace segue

#include "text/chat_template.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/files.h"
#include "support/oracles.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

std::string rendered(std::string_view program, Json values = Json::object()) { return render_chat_template(program, values); }

std::string refusal(std::string_view program) {
  try {
    rendered(program, {{"messages", Json::array()}});
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

const Json talk{{"messages", {{{"role", "system"}, {"content", "Be brief."}}, {{"role", "user"}, {"content", " Hello "}}}}, {"add_generation_prompt", true}, {"bos_token", "<s>"}, {"eos_token", "</s>"}};

TEST(ChatTemplate, WritesWhatItIsMadeOf) {
  EXPECT_EQ(rendered("a{{ 'b' + \"c\\n\" }}d"), "abc\nd");
  EXPECT_EQ(rendered("{{ 1 + 2 * 3 - 4 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 // 2 }} {{ 'a' ~ 1 }}"), "3 1 2 3 a1");
  EXPECT_EQ(rendered("{{ x is defined }} {{ x is not defined }} {{ none is none }} {{ 'a' is string }}"), "False True True True");
  EXPECT_EQ(rendered("{% if 1 == 2 %}a{% elif 'b' in 'abc' %}b{% else %}c{% endif %}"), "b");
  EXPECT_EQ(rendered("{% for i in [3, 4, 5] %}{{ loop.index0 }}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}"), "03, 14, 25");
  EXPECT_EQ(rendered("{% for i in [] %}a{% else %}b{% endfor %}"), "b");
  EXPECT_EQ(rendered("{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}"), "3");
  EXPECT_EQ(rendered("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}"), "1");  // as in Jinja: a loop has names of its own
  EXPECT_EQ(rendered("{{ ' a ' | trim }}{{ 'aB'.upper() }}{{ ' b'.strip() }}{{ [1, 2] | length }}{{ [1, 2][-1] }}{{ 'abc'[1:] }}{{ 'a,b'.split(',')[1] }}"), "aABb22bcb");
  EXPECT_EQ(rendered("{{ 'yes' if true and not false else 'no' }}"), "yes");
  EXPECT_EQ(rendered("{{ {'a': [1, \"b\"]} | tojson }}"), "{\"a\":[1,\"b\"]}");
  EXPECT_EQ(rendered("{# a comment #}{{ x | default('d') }}{{ y.z is defined }}"), "dFalse");
}

TEST(ChatTemplate, TrimsAroundBlocksAsHuggingFaceDoes) {
  EXPECT_EQ(rendered("a\n  {% if true %}\n  b\n  {% endif %}\nc"), "a\n  b\nc");
  EXPECT_EQ(rendered("a  {{- ' b' -}}  c"), "a bc");
  EXPECT_EQ(rendered("{%- if true -%}  x  {%- endif -%}\n\n y"), "xy");
  EXPECT_EQ(rendered("a {% if true %} b{% endif %}"), "a  b");
}

TEST(ChatTemplate, WritesConversationsOfTheKnownKinds) {
  EXPECT_EQ(rendered("{%- if messages[0]['role'] == 'system' %}{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}{%- endif %}\n"
                     "{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) %}\n"
                     "        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n"
                     "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n", talk),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hello <|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(rendered("{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}"
                     "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
                     "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}", talk),
            "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(rendered("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
                     "{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
                     "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}"
                     "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}", talk),
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hello [/INST]");
}

TEST(ChatTemplate, OfARealCheckpointIsRead) {
  const Path path = models() / "qwen2.5-0.5b" / "tokenizer_config.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks qwen2.5-0.5b";
  const auto config = Json::parse(read_file(path));
  const auto program = config.at("chat_template").get<std::string>();
  const std::string greeting = "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n";
  EXPECT_EQ(rendered(program, {{"messages", {{{"role", "user"}, {"content", "Hello"}}}}, {"add_generation_prompt", true}}),
            greeting + "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(rendered(program, {{"messages", {{{"role", "user"}, {"content", "Hello"}}, {{"role", "assistant"}, {"content", "Hi"}}}}, {"add_generation_prompt", false}}),
            greeting + "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi<|im_end|>\n");
  EXPECT_EQ(rendered(program, talk), "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hello <|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, SaysWhatItCannotRead) {
  const auto says = [](std::string_view program, const char* what) {
    const std::string said = refusal(program);
    EXPECT_NE(said.find(what), std::string::npos) << program << ": " << said;
  };
  says("{{ raise_exception('no system here') }}", "it refuses: no system here");
  says("{% macro f() %}{% endmacro %}", "no statement 'macro'");
  says("{{ a | shuffle }}", "no filter 'shuffle'");
  says("{{ 'a'.rot13() }}", "no method 'rot13'");
  says("{{ f(1) }}", "no function 'f'");
  says("{% if true %}a", "without its 'endif'");
  says("{% for a in [1] %}a", "without its 'endfor'");
  says("{% endif %}", "closes nothing");
  says("{{ 'a", "without its '}}'");
  says("{{ 1 + 'a' }}", "can't be added");
  says("{{ 1 // 0 }}", "division by 0");
  says("{{ }}", "not understood");
  says("{{ a b }}", "not understood");
}

}  // namespace
}  // namespace segue

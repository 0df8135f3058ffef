// Writes JSON that people read in diffs: keys in the order of the calls, two blanks a level, numbers in their
// shortest exact form without an exponent, no NaN.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netrig::loadgen {

// The shortest decimal that reads back as this number, without an exponent. Finite: asserted.
std::string number_text(double number);

class JsonWriter {
 public:
  enum class Layout : std::uint8_t { lines, one_line };  // inside one_line, everything is

  void begin_object(Layout layout = Layout::lines) { begin('{', layout); }
  void end_object() { end('}'); }
  void begin_array(Layout layout = Layout::lines) { begin('[', layout); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void value(std::string_view text);  // bytes that are not UTF-8 become U+FFFD
  void value(const char* text) { value(std::string_view{text}); }
  void value(bool truth) { scalar(truth ? "true" : "false"); }
  void value(double number) { scalar(number_text(number)); }
  template <std::integral Integer>
  void value(Integer number) {
    scalar(std::to_string(number));
  }
  void null() { scalar("null"); }
  // A whole document that a JsonWriter has finished, indented to stand here.
  void document(std::string_view finished);

  template <class T>
  void member(std::string_view name, const T& of) {
    key(name);
    value(of);
  }

  // The document with a line break at its end. Every object and array has been ended.
  std::string finish();

 private:
  struct Level {
    Layout layout;
    bool empty = true;
  };

  void begin(char bracket, Layout layout);
  void end(char bracket);
  void scalar(std::string_view text);
  void before_item();  // comma and line break
  void break_line();
  void quote(std::string_view text);

  std::string out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace netrig::loadgen

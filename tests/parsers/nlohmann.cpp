// nlohmann.cpp -- reads bodies as llama.cpp's server does: nlohmann::json, and a field of
// a wrong type has its default.  The protocol is in README.md.
#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

using nlohmann::ordered_json;

template <typename T>
static T value_of(const ordered_json &body, const char *key, const T &fallback)
{
    if (!body.is_object() || !body.contains(key) || body.at(key).is_null())
        return fallback;
    try {
        return body.at(key).get<T>();
    } catch (const nlohmann::detail::type_error &) {
        return fallback;
    }
}

static void texts_of(const ordered_json &value, ordered_json &out)
{
    if (value.is_string())
        out.push_back(value);
    else if (value.is_number())
        out.push_back(value.dump());
    else if (value.is_array())
        for (const auto &element : value)
            texts_of(element, out);
    else if (value.is_object())
        for (const auto &member : value.items()) {
            out.push_back(member.key());
            texts_of(member.value(), out);
        }
}

static ordered_json content_of(const ordered_json &message)
{
    ordered_json texts = ordered_json::array();
    if (!message.contains("content") || message.at("content").is_null())
        return texts;
    const ordered_json &content = message.at("content");
    if (content.is_string()) {
        texts.push_back(content);
        return texts;
    }
    if (!content.is_array())
        throw std::runtime_error("content is neither text nor parts");
    for (const auto &part : content)
        if (part.at("type") == "text")
            texts.push_back(part.at("text").get<std::string>());
    return texts;
}

static ordered_json number_or_null(const ordered_json &body, const char *key)
{
    int64_t none = INT64_MIN, v = value_of(body, key, none);
    return v == none ? ordered_json(nullptr) : ordered_json(v);
}

static ordered_json read(const std::string &surface, const std::string &text)
{
    const ordered_json body = ordered_json::parse(text);
    ordered_json a = number_or_null(body, "max_tokens");
    ordered_json b = number_or_null(body, "max_completion_tokens");
    ordered_json r, texts = ordered_json::array();
    r["model"] = value_of(body, "model", std::string());
    r["stream"] = value_of(body, "stream", false);
    r["usage"] = body.contains("stream_options") &&
                 value_of(body.at("stream_options"), "include_usage", false);
    r["n"] = number_or_null(body, "n");
    r["max"] = a.is_null() || (!b.is_null() && b > a) ? b : a;
    r["messages"] = nullptr;
    r["input"] = nullptr;
    r["tools"] = body.contains("tools") && !body.at("tools").empty();
    if (surface == "chat") {
        r["messages"] = ordered_json::array();
        for (const auto &m : body.at("messages"))
            r["messages"].push_back(
                ordered_json::array({m.at("role").get<std::string>(), content_of(m)}));
    } else {
        const ordered_json &given = body.at(surface == "completions" ? "prompt" : "input");
        r["input"] = given.is_array() ? given : ordered_json::array({given});
    }
    texts_of(body, texts);
    r["texts"] = texts;
    return r;
}

static std::string decoded(const std::string &in)
{
    static const std::string digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int n = 0;
    for (char c : in) {
        size_t v = digits.find(c);
        if (v == std::string::npos)
            continue;
        bits = bits << 6 | unsigned(v);
        if ((n += 6) >= 8) {
            n -= 8;
            out += char(bits >> n & 0xFF);
        }
    }
    return out;
}

int main()
{
    std::string surface, text;
    for (std::string line; std::getline(std::cin, line);) {
        size_t blank = line.find(' ');
        ordered_json r;
        try {
            r = read(line.substr(0, blank), decoded(line.substr(blank + 1)));
        } catch (const std::exception &why) {
            r = {{"error", why.what()}};
        }
        std::cout << r.dump(-1, ' ', true, ordered_json::error_handler_t::replace)
                  << std::endl;
    }
}

"""Instructor: answers as objects, by tools and by JSON schema."""
import instructor
from kit import KEY, URL, WRONG_KEY, main
from openai import OpenAI
from pydantic import BaseModel


class Place(BaseModel):
    city: str
    count: int


def client(mode, key=KEY):
    return instructor.from_openai(OpenAI(base_url=URL, api_key=key), mode=mode)


def place(text, model="auto", mode=instructor.Mode.TOOLS, key=KEY, **more):
    return client(mode, key).chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], response_model=Place,
        max_retries=1, **more)


def city(text, model="auto", key=KEY):
    return place(text, model, key=key).city


def stream(text, model="auto"):
    last = None
    for last in client(instructor.Mode.TOOLS).chat.completions.create_partial(
            model=model, messages=[{"role": "user", "content": text}],
            response_model=Place):
        pass
    return {"text": last.city}


main({"chat": city, "stream": stream, "text": city,
      "schema": lambda t: place(t, mode=instructor.Mode.JSON_SCHEMA).model_dump(),
      "masked": lambda t: city(t, "cloud"), "masked_stream": lambda t: stream(t, "cloud"),
      "unknown": lambda t: city(t, "nope"), "held": lambda t: city(t, "cloud"),
      "key": lambda t: city(t, key=WRONG_KEY), "limited": lambda t: city(t, "limited"),
      "busy": lambda t: city(t, "busy"), "context": lambda t: city(t, "small")})

"""Variables of the Serverless Framework: a located tree comes in, one with every value in place goes out."""
